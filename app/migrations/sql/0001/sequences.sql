-- The numbers of statements.

CREATE SEQUENCE statement_number;
