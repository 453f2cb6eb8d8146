-- The numbers of statements, and those of sandbox accounts' statements.

CREATE SEQUENCE statement_number;

CREATE SEQUENCE sandbox_statement_number;
