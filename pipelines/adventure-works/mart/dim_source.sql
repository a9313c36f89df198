SELECT
    source_name,
    CASE source_name
        WHEN 'customers' THEN 'Customer list'
        WHEN 'products' THEN 'Product list'
        WHEN 'sales' THEN 'Order lines'
    END AS source_title
FROM (
    SELECT DISTINCT _source AS source_name FROM standardized.customers
    UNION ALL
    SELECT DISTINCT _source AS source_name FROM standardized.products
    UNION ALL
    SELECT DISTINCT _source AS source_name FROM standardized.sales
) AS present
