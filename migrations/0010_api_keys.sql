-- Statehouse 0010: API keys. Who signs requests with one acts in its place.

create table statehouse.api_keys (
  access_key_id text primary key,
  place text not null, -- as of state_machines
  description text, -- JSON text, as error and cause are
  -- AES-256-GCM under the installation's encryption key: nonce, ciphertext, tag; the access key id is authenticated
  -- with it. Gone when the key is revoked.
  sealed_secret bytea,
  sealed_under text not null, -- fingerprint of the encryption key
  created_at timestamptz not null default statehouse.now(),
  revoked_at timestamptz,
  check ((sealed_secret is null) = (revoked_at is not null))
);
