-- The call centre asks: somebody rings from the number that most customers share; who may it be, and which systems know them?
WITH shared AS (
    SELECT phone
    FROM dim_customer
    WHERE is_current AND phone IS NOT NULL
    GROUP BY phone
    ORDER BY count(*) DESC, phone
    LIMIT 1
),
systems AS (
    SELECT customer_id, count(*) AS records, string_agg(DISTINCT source_name, ', ' ORDER BY source_name) AS systems
    FROM customer_xref
    GROUP BY customer_id
)
SELECT c.phone, c.customer_id, c.given_name, c.family_name, c.birth_date, c.city, s.records, s.systems
FROM dim_customer AS c
INNER JOIN shared AS p ON p.phone = c.phone
LEFT JOIN systems AS s ON s.customer_id = c.customer_id
WHERE c.is_current
ORDER BY s.records DESC, c.customer_id
LIMIT 10
