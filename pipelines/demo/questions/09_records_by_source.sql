-- The operator asks: how many records did each source bring, how many customers are they, and how many of these does no other source know?
WITH systems AS (
    SELECT customer_id, count(DISTINCT source_name) AS systems
    FROM customer_xref
    GROUP BY customer_id
)
SELECT
    x.source_name,
    count(*) AS records,
    count(DISTINCT x.customer_id) AS customers,
    count(*) - count(DISTINCT x.customer_id) AS doubles_inside,
    count(DISTINCT CASE WHEN s.systems = 1 THEN x.customer_id END) AS known_here_only
FROM customer_xref AS x
INNER JOIN systems AS s ON s.customer_id = x.customer_id
GROUP BY x.source_name
ORDER BY records DESC, x.source_name
