-- The postings of the ledger sum to zero.

SELECT currency, format('the sum is %%s', sum(credit)) AS detail
FROM ledger_postings
GROUP BY currency
HAVING sum(credit) <> 0
