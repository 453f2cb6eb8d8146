-- Ends a bulk, so that another may begin in the same transaction.

DROP TABLE usage_stage, usage_from;
