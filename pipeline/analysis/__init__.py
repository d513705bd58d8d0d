"""What SQL should not do: pure functions on arrays. Nothing here knows a table, a file or a database."""
