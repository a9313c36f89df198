SELECT
    source_name,
    CASE source_name
        WHEN 'crm' THEN 'Sales desk (legacy CRM)'
        WHEN 'web_customers' THEN 'Web shop, accounts'
        WHEN 'web_orders' THEN 'Web shop, orders'
        WHEN 'products' THEN 'Stock system'
    END AS source_title
FROM (
    SELECT DISTINCT _source AS source_name FROM standardized.crm
    UNION ALL
    SELECT DISTINCT _source AS source_name FROM standardized.web_customers
    UNION ALL
    SELECT DISTINCT _source AS source_name FROM standardized.web_orders
    UNION ALL
    SELECT DISTINCT _source AS source_name FROM standardized.products
) AS present
