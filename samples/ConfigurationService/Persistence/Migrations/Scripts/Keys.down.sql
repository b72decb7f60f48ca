DROP TABLE tenant_data_keys;
DROP TABLE key_encryption_keys;
DROP TABLE api_keys;
