-- Corrections of balances, and users who are to be forgotten.

SELECT 1;
