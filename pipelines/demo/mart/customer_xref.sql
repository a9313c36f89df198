SELECT
    x.source AS source_name,
    x.source_key,
    s.source_system_key,
    x.customer_id
FROM resolved.xref AS x
INNER JOIN mart.dim_source AS s ON s.source_name = x.source
