/** What `statehouse doctor` looks at. */
import type pg from 'pg';

export interface Finding {
  /** A warning is something to know of; a problem is to be solved. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** The installation, as one process of it is set up. */
export interface Patient {
  /** Postgres itself. */
  readonly direct: pg.Client;
  /** Two connections as the pool makes them, by way of whatever pooler there may be. */
  readonly pooled: readonly [pg.Client, pg.Client];
  /** STATEHOUSE_DIRECT_DATABASE_URL is set. */
  readonly hasDirectUrl: boolean;
  readonly poolSize: number;
  readonly workerTimeoutSeconds: number;
  /** This machine's wall clock, ms since 1970. */
  readonly now: () => number;
}

export interface Check {
  readonly name: string;
  /** @throws what the database throws */
  readonly examine: (patient: Patient) => Promise<Finding>;
}

/** A check that is one query, which answers one row, and a judgement of it. */
export interface SqlCheck<Row> extends Check {
  readonly judge: (row: Row, patient: Pick<Patient, 'poolSize' | 'workerTimeoutSeconds'>) => Finding;
}

export function sqlCheck<Row extends pg.QueryResultRow>(
  name: string,
  sql: string,
  judge: SqlCheck<Row>['judge'],
): SqlCheck<Row> {
  return {
    name,
    judge,
    examine: async (patient) => {
      const { rows } = await patient.direct.query<Row>(sql);
      const [row] = rows;
      if (row === undefined) throw new Error('no row');
      return judge(row, patient);
    },
  };
}

export const ok = (says: string): Finding => ({ verdict: 'ok', says });
export const warning = (says: string, advice: string): Finding => ({ verdict: 'warning', says, advice });
export const problem = (says: string, advice: string): Finding => ({ verdict: 'problem', says, advice });
