-- Marketing asks: if one catalogue goes to each household and not to each customer, how many do we save?
WITH people AS (
    SELECT c.customer_id, coalesce(h.household_id, c.customer_id) AS home
    FROM dim_customer AS c
    LEFT JOIN customer_household AS h ON h.customer_id = c.customer_id
    WHERE c.is_current AND c.customer_id <> 'unknown' AND c.street IS NOT NULL
)
SELECT
    count(*) AS customers_with_address,
    count(DISTINCT home) AS homes,
    count(*) - count(DISTINCT home) AS catalogues_saved
FROM people
