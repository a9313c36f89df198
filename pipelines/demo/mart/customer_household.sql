-- Customers with the same street, postcode and country live together when they also share the family name or the
-- telephone number with one who lives there; an address alone (a block of flats, an office) makes no household.
WITH home AS (
    SELECT customer_id, family_name, phone, street, postcode, country
    FROM resolved.golden_record
    WHERE street IS NOT NULL AND postcode IS NOT NULL
),
pair AS (
    SELECT
        a.customer_id,
        b.customer_id AS other_id,
        coalesce(a.phone = b.phone, false) AS shares_phone,
        coalesce(a.family_name = b.family_name, false) AS shares_family_name
    FROM home AS a
    INNER JOIN home AS b
        ON
            a.street = b.street
            AND a.postcode = b.postcode
            AND coalesce(a.country, '') = coalesce(b.country, '')
            AND a.customer_id <> b.customer_id
    WHERE a.phone = b.phone OR a.family_name = b.family_name
),
member AS (
    SELECT
        customer_id,
        least(customer_id, min(other_id)) AS first_id,
        bool_or(shares_phone) AS shares_phone,
        bool_or(shares_family_name) AS shares_family_name
    FROM pair
    GROUP BY customer_id
),
-- Who shares with somebody who shares with another belongs to the same household: two steps reach everyone of a home.
second AS (
    SELECT m.customer_id, least(m.first_id, min(o.first_id)) AS first_id
    FROM member AS m
    INNER JOIN pair AS p ON p.customer_id = m.customer_id
    INNER JOIN member AS o ON o.customer_id = p.other_id
    GROUP BY m.customer_id, m.first_id
),
third AS (
    SELECT s.customer_id, least(s.first_id, min(o.first_id)) AS household_id
    FROM second AS s
    INNER JOIN pair AS p ON p.customer_id = s.customer_id
    INNER JOIN second AS o ON o.customer_id = p.other_id
    GROUP BY s.customer_id, s.first_id
)
SELECT
    t.household_id,
    t.customer_id,
    count(*) OVER (PARTITION BY t.household_id) AS members,
    m.shares_phone,
    m.shares_family_name
FROM third AS t
INNER JOIN member AS m ON m.customer_id = t.customer_id
