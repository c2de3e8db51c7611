/**
 * ItemReader, ItemBatcher and ResultWriter: what only a distributed Map has.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */

import type { QueryLanguage } from '../machine.ts';
import { anyJson, atMostOneOf, forObjects, integer, orExpression, text } from './fields.ts';
import { z } from './zod.ts';

export type ItemReaderDefinition = z.infer<ReturnType<typeof itemReaderSchema>>;
export type ItemBatcherDefinition = z.infer<ReturnType<typeof itemBatcherSchema>>;
export type ResultWriterDefinition = z.infer<typeof resultWriterSchema>;

const MAX_ITEMS_MAX = 100_000_000;
const BATCH_BYTES_MAX = 262_144;

const READS_OBJECT = /^arn:aws[\w-]*:states:::s3:getObject$/;
const READS_LISTING = /^arn:aws[\w-]*:states:::s3:listObjectsV2$/;
const WRITES_OBJECT = /^arn:aws[\w-]*:states:::s3:putObject$/;

/** Fields of a ReaderConfig that go with one InputType alone. */
const FITS_INPUT_TYPE: Readonly<Record<string, string>> = {
  CSVHeaderLocation: 'CSV',
  CSVHeaders: 'CSV',
  CSVDelimiter: 'CSV',
  ItemsPointer: 'JSON',
  ManifestType: 'MANIFEST',
};

const itemsPointer = text.refine((pointer) => pointer.startsWith('/'), {
  error: ({ input }) =>
    `Invalid input: JSON Pointer expression must start with '/': ${JSON.stringify(input)}`,
});

export function itemReaderSchema(language: QueryLanguage) {
  return z
    .strictObject({
      Resource: resource(READS_OBJECT, READS_LISTING),
      ReaderConfig: readerConfigSchema(language).optional(),
      Parameters: anyJson.optional(),
      Arguments: anyJson.optional(),
    })
    .superRefine(({ Resource, ReaderConfig }, context) => {
      if (READS_OBJECT.test(Resource)) {
        if (ReaderConfig === undefined) required(context, ['ReaderConfig']);
        else if (ReaderConfig.InputType === undefined) discriminator(context, 'InputType', ['ReaderConfig']);
        if (ReaderConfig?.Transformation !== undefined)
          unsupported(context, 'Transformation', ['ReaderConfig']);
      } else if (ReaderConfig?.Transformation === 'LOAD_AND_FLATTEN') {
        if (ReaderConfig.InputType === undefined) discriminator(context, 'InputType', ['ReaderConfig']);
      } else if (ReaderConfig?.InputType !== undefined) unsupported(context, 'InputType', ['ReaderConfig']);
    });
}

function readerConfigSchema(language: QueryLanguage) {
  const shape = z.strictObject({
    InputType: z.enum(['CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST']).optional(),
    Transformation: z.enum(['NONE', 'LOAD_AND_FLATTEN']).optional(),
    ManifestType: z.enum(['ATHENA_DATA', 'S3_INVENTORY']).optional(),
    CSVDelimiter: z.enum(['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']).optional(),
    CSVHeaderLocation: z.enum(['FIRST_ROW', 'GIVEN']).optional(),
    CSVHeaders: z.array(text).optional(),
    ItemsPointer: itemsPointer.optional(),
    MaxItems: orExpression(language, integer(0, MAX_ITEMS_MAX)).optional(),
    MaxItemsPath: text.optional(),
  });
  return atMostOneOf(shape, ['MaxItemsPath', 'MaxItems']).superRefine((config, context) => {
    for (const [field, inputType] of Object.entries(FITS_INPUT_TYPE)) {
      if (field in config && config.InputType !== inputType) unsupported(context, field);
    }
    if (config.InputType === 'CSV' && config.CSVHeaderLocation === undefined)
      discriminator(context, 'CSVHeaderLocation');
    if (config.CSVHeaderLocation === 'GIVEN' && config.CSVHeaders === undefined)
      required(context, ['CSVHeaders']);
  });
}

export function itemBatcherSchema(language: QueryLanguage) {
  const shape = z.strictObject({
    BatchInput: anyJson.optional(),
    MaxItemsPerBatch: orExpression(language, integer(1)).optional(),
    MaxItemsPerBatchPath: text.optional(),
    MaxInputBytesPerBatch: orExpression(language, integer(1, BATCH_BYTES_MAX)).optional(),
    MaxInputBytesPerBatchPath: text.optional(),
  });
  return atMostOneOf(atMostOneOf(shape, ['MaxItemsPerBatchPath', 'MaxItemsPerBatch']), [
    'MaxInputBytesPerBatchPath',
    'MaxInputBytesPerBatch',
  ]);
}

export const resultWriterSchema = z
  .strictObject({
    Resource: resource(WRITES_OBJECT).optional(),
    Parameters: anyJson.optional(),
    Arguments: anyJson.optional(),
    WriterConfig: z
      .strictObject({
        Transformation: z.enum(['NONE', 'COMPACT', 'FLATTEN']).optional(),
        OutputType: z.enum(['JSON', 'JSONL']).optional(),
      })
      .optional(),
  })
  .refine(({ Resource, WriterConfig }) => Resource !== undefined || WriterConfig !== undefined, {
    error: 'These fields are required: [Resource]',
    when: forObjects(() => true),
  });

function resource(...allowed: readonly RegExp[]) {
  return text.refine((arn) => allowed.some((pattern) => pattern.test(arn)), {
    error: `The field 'Resource' does not match any of the allowed values`,
  });
}

function required(context: z.RefinementCtx, fields: readonly string[]): void {
  context.addIssue({ code: 'custom', message: `These fields are required: [${fields.join(', ')}]` });
}

/** A field that the others depend on. */
function discriminator(context: z.RefinementCtx, field: string, path: string[] = []): void {
  context.addIssue({ code: 'custom', message: `The field '${field}' is required`, path });
}

function unsupported(context: z.RefinementCtx, field: string, path: string[] = []): void {
  context.addIssue({ code: 'custom', message: `Field '${field}' is not supported`, path });
}
