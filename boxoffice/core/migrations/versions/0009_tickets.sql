-- Tickets and who came in with them.

SELECT 1;
