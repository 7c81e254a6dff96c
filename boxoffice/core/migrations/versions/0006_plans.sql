-- How a plan is drawn: what the map shows beside the seats, and an export gives back.

SELECT 1;
