import type { Json } from '../data/json.ts';
import type { Expressions } from './compile-expressions.ts';
import type { Dynamic, MapState, Scope } from './machine.ts';
import type { ItemBatcherDefinition, ItemReaderDefinition } from './schema/distributed-map.ts';
import type { DistributedMapDefinition, InlineMapDefinition } from './schema/map.ts';

type MapDefinition = InlineMapDefinition | DistributedMapDefinition;
type MapFields = Pick<
  MapState,
  | 'processor'
  | 'mode'
  | 'items'
  | 'itemSelector'
  | 'maxConcurrency'
  | 'toleratedFailureCount'
  | 'toleratedFailurePercentage'
  | 'itemReader'
  | 'exportsResults'
>;

/** What a Map has besides the fields that other states have, too. */
export function compileMapFields(
  definition: MapDefinition,
  mode: MapState['mode'],
  processor: Scope,
  expressions: Expressions,
): MapFields {
  const { ItemReader, ResultWriter }: Partial<DistributedMapDefinition> = definition;
  checkDistributedExpressions(definition, expressions);
  return {
    processor,
    mode,
    items: compileItems(definition, expressions),
    itemSelector:
      definition.Parameters === undefined
        ? expressions.optionalTemplate('ItemSelector', definition.ItemSelector)
        : expressions.template('Parameters', definition.Parameters),
    maxConcurrency: expressions.dynamic(
      'MaxConcurrency',
      definition.MaxConcurrency,
      definition.MaxConcurrencyPath,
    ) ?? {
      kind: 'literal',
      value: 0,
    },
    toleratedFailureCount: expressions.dynamic(
      'ToleratedFailureCount',
      definition.ToleratedFailureCount,
      definition.ToleratedFailureCountPath,
    ),
    toleratedFailurePercentage: expressions.dynamic(
      'ToleratedFailurePercentage',
      definition.ToleratedFailurePercentage,
      definition.ToleratedFailurePercentagePath,
    ),
    itemReader: ItemReader && {
      inputType: ItemReader.ReaderConfig?.InputType,
      itemsPointer: ItemReader.ReaderConfig?.ItemsPointer,
    },
    exportsResults: ResultWriter?.Resource !== undefined,
  };
}

function compileItems(
  { Items, ItemsPath }: MapDefinition,
  expressions: Expressions,
): Dynamic<readonly Json[]> | undefined {
  if (Items !== undefined) return expressions.items(Items);
  if (ItemsPath === undefined) return undefined;
  return { kind: 'path', field: 'ItemsPath', path: expressions.referencePath('ItemsPath', ItemsPath) };
}

/** The machine does not hold all of these fields yet; their faults are found all the same. */
function checkDistributedExpressions(
  { ItemReader, ItemBatcher, ResultWriter }: Partial<DistributedMapDefinition>,
  expressions: Expressions,
): void {
  if (ItemReader) checkItemReader(ItemReader, expressions);
  if (ItemBatcher) checkItemBatcher(ItemBatcher, expressions);
  expressions.optionalTemplate('ResultWriter/Parameters', ResultWriter?.Parameters);
  expressions.optionalTemplate('ResultWriter/Arguments', ResultWriter?.Arguments);
}

function checkItemReader(
  { Parameters, Arguments, ReaderConfig }: ItemReaderDefinition,
  expressions: Expressions,
): void {
  expressions.optionalTemplate('ItemReader/Parameters', Parameters);
  expressions.optionalTemplate('ItemReader/Arguments', Arguments);
  expressions.dynamic('ItemReader/ReaderConfig/MaxItems', ReaderConfig?.MaxItems, ReaderConfig?.MaxItemsPath);
}

function checkItemBatcher(batcher: ItemBatcherDefinition, expressions: Expressions): void {
  const { MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath } =
    batcher;
  expressions.optionalTemplate('ItemBatcher/BatchInput', batcher.BatchInput);
  expressions.dynamic('ItemBatcher/MaxItemsPerBatch', MaxItemsPerBatch, MaxItemsPerBatchPath);
  expressions.dynamic('ItemBatcher/MaxInputBytesPerBatch', MaxInputBytesPerBatch, MaxInputBytesPerBatchPath);
}
