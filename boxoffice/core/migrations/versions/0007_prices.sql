-- Price types, and seats that the house keeps.

SELECT 1;
