DROP FUNCTION refuse_truncate();
DROP FUNCTION refuse_change();
DROP FUNCTION audit_chain_next(text, text);
DROP FUNCTION audit_chain_genesis(text, text);
DROP TABLE audit_chains;
DROP FUNCTION rolled_back_to();
DROP FUNCTION change_reason();
DROP FUNCTION change_actor();
