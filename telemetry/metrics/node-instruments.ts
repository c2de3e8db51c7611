/** Node, by OpenTelemetry's semantic conventions. */
import type { Instrument } from './instrument.ts';

function delay(which: string) {
  return {
    kind: 'observedGauge',
    unit: 's',
    description: `Event loop: ${which} delay since the last collection`,
    attributes: [],
  } as const;
}

export const NODE_INSTRUMENTS = {
  'nodejs.eventloop.delay.p50': delay('median'),
  'nodejs.eventloop.delay.p99': delay('99th percentile of the'),
  'nodejs.eventloop.delay.max': delay('longest'),
  'nodejs.eventloop.utilization': {
    kind: 'observedGauge',
    unit: '1',
    description: 'Part of the time since the last collection in which the event loop was busy',
    attributes: [],
  },
  'v8js.memory.heap.used': {
    kind: 'observedUpDownCounter',
    unit: 'By',
    description: 'Heap in use',
    attributes: ['v8js.heap.space.name'],
  },
  'v8js.memory.heap.limit': {
    kind: 'observedUpDownCounter',
    unit: 'By',
    description: 'Heap allocated',
    attributes: ['v8js.heap.space.name'],
  },
  'process.memory.usage': {
    kind: 'observedUpDownCounter',
    unit: 'By',
    description: 'Physical memory in use',
    attributes: [],
  },
  'process.cpu.time': {
    kind: 'observedCounter',
    unit: 's',
    description: 'Time on a CPU, of all threads',
    attributes: ['cpu.mode'],
  },
  'process.uptime': { kind: 'observedGauge', unit: 's', description: 'Age of the process', attributes: [] },
} as const satisfies Readonly<Record<string, Instrument>>;
