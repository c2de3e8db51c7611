/** Postgres's settings, for a small machine that does other work too. */

export function serverSettings(socketFolder: string): Readonly<Record<string, string>> {
  return {
    // Reached through this folder only (access rules: cluster.ts).
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',

    // What is acknowledged is durable.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',

    shared_buffers: '128MB',
    max_connections: '200',
    // Short queries only: compiling or spreading one costs more than it saves.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    // Nobody replicates it.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    // A checkpoint makes each page's next change write the whole page: rare ones keep the write-ahead log small.
    checkpoint_timeout: '15min',
    max_wal_size: '2GB',
    // Queue-like tables bloat fast: look often.
    autovacuum_naptime: '10s',

    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] %a ',
  };
}
