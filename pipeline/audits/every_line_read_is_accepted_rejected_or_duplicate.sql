-- Every row read is accepted, rejected or a duplicate, file by file.
select file_id, rows_read, rows_accepted, rows_rejected, rows_duplicate
from private.line_counts
where rows_read <> rows_accepted + rows_rejected + rows_duplicate
