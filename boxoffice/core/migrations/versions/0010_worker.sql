-- Jobs of the workers, and what became of each delivery.

SELECT 1;
