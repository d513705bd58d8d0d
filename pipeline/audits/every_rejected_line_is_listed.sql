-- Every line counted as rejected stands in ops.rejected_rows with its reason, and none stands there uncounted.
with
listed as (select file_id, count(distinct line_number) as rows_listed from ops.rejected_rows group by file_id)

select counts.file_id, counts.rows_rejected, coalesce(listed.rows_listed, 0) as rows_listed
from private.line_counts as counts
left join listed on listed.file_id = counts.file_id
where counts.rows_rejected <> coalesce(listed.rows_listed, 0)
