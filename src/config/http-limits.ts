/** Options that say what one HTTP request may cost, and all of them together (see options.ts). */
import { option } from './option.ts';

export const HTTP_LIMITS = {
  'httpLimits.bodyBytes': option('integer', 'Longest body of an HTTP request.', {
    unit: 'bytes',
    default: 4 * 1024 ** 2,
    range: [1024, 1024 ** 3],
    cost: 'Memory of several times that much while the request is read.',
  }),
  'httpLimits.targets': option('integer', 'Targets in one /render.', {
    unit: 'targets',
    default: 1000,
    range: [1, 1_000_000],
    cost: 'Time of the one thread that answers HTTP.',
  }),
  'httpLimits.parameters': option('integer', 'Parameters of one request; lists count each value.', {
    unit: 'values',
    default: 5000,
    range: [10, 10_000_000],
    cost: 'Some 100 bytes each while it is read.',
  }),
  'httpLimits.listValues': option(
    'integer',
    'Values of one parameter, such as query= of /metrics/expand; those of target= by targets.',
    {
      unit: 'values',
      default: 1000,
      range: [1, 1_000_000],
      cost: 'A search of the names each.',
    },
  ),
  'httpLimits.targetDepth': option('integer', 'Calls inside each other in one target.', {
    unit: 'calls',
    default: 100,
    range: [1, 1000],
    cost: 'Stack and time: each level may double the datapoints held, or read a longer window.',
  }),
  'httpLimits.series': option('integer', 'Series that one /render reads or answers.', {
    unit: 'series',
    default: 20_000,
    range: [1, 100_000_000],
    cost: 'Reading each from the data file, while other renders wait.',
  }),
  'httpLimits.points': option('integer', 'Datapoints that one /render reads or computes.', {
    unit: 'datapoints',
    default: 20_000_000,
    range: [1, 1_000_000_000],
    cost: '8 bytes of memory each, a few times over, in each concurrent render.',
  }),
  'httpLimits.calls': option('integer', 'Calls of functions in one /render.', {
    unit: 'calls',
    default: 20_000,
    range: [1, 10_000_000],
    cost: 'Some microseconds each, beside what the function does.',
  }),
  'httpLimits.steps': option(
    'integer',
    'Work of one request: its functions, its look-ups of names.',
    {
      unit: 'datapoints, names and characters gone through',
      default: 2_000_000_000,
      range: [1000, 1_000_000_000_000],
      cost: 'Some 10 nanoseconds each of the one thread that answers HTTP.',
    },
  ),
  'httpLimits.nameBytes': option('integer', 'Names that one /render computes or answers.', {
    unit: 'characters',
    default: 32 * 1024 ** 2,
    range: [1024, 1024 ** 3],
    cost: 'Up to 2 bytes of memory each while it runs, up to 6 in the answer.',
  }),
  'httpLimits.answerPoints': option('integer', 'Datapoints in one answer of /render.', {
    unit: 'datapoints',
    default: 2_000_000,
    range: [1, 1_000_000_000],
    cost: 'Some 30 bytes of text each.',
  }),
  'httpLimits.answerBytes': option('integer', 'One answer that lists names, or csv.', {
    unit: 'characters',
    default: 256 * 1024 ** 2,
    range: [1024, 1024 ** 4],
    cost: 'Memory of an answer that lists names; csv goes out as it is made.',
  }),
  'httpLimits.requestMs': option(
    'integer',
    'Time of one /render, waiting included, or one list of names.',
    {
      unit: 'milliseconds',
      default: 30_000,
      range: [1, 3600 * 1000],
      cost: 'A runaway render keeps others waiting for that long.',
    },
  ),
  'httpLimits.concurrentRenders': option('integer', 'Renders evaluated at a time.', {
    unit: 'renders',
    default: 4,
    range: [1, 1000],
    cost: 'Memory of each; they share one thread, so more are no faster.',
  }),
  'httpLimits.waitingRenders': option('integer', 'Renders that wait; more get a 429.', {
    unit: 'renders',
    default: 400,
    range: [0, 100_000],
    cost: 'A connection and its request each, see waitingBytes.',
  }),
  'httpLimits.waitingBytes': option('integer', 'URLs and bodies of the renders that wait.', {
    unit: 'characters',
    default: 32 * 1024 ** 2,
    range: [0, 1024 ** 4],
    cost: 'Memory of several times that much.',
  }),
  'httpLimits.pictureDots': option(
    'integer',
    'Dots of one picture: width x height x pixelRatio².',
    {
      unit: 'dots',
      default: 16 * 1024 ** 2,
      range: [1, 1024 ** 3],
      cost: 'Some 10 bytes of memory each, and time of a thread that draws.',
    },
  ),
  'httpLimits.drawingThreads': option('integer', 'Threads that draw pictures.', {
    unit: 'threads',
    default: 2,
    range: [1, 64],
    cost: 'Some 60 MB of memory each, from their first picture on; more than processors are no faster.',
  }),
  'httpLimits.waitingPictures': option('integer', 'Pictures that wait for a thread, evaluated.', {
    unit: 'pictures',
    default: 16,
    range: [1, 10_000],
    cost: 'Their datapoints in memory, see waitingPictureBytes.',
  }),
  'httpLimits.waitingPictureBytes': option('integer', 'Datapoints of the pictures that wait.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    range: [1, 1024 ** 4],
    cost: 'Memory of that much; what does not fit waits as a render, unevaluated.',
  }),
  'httpLimits.findHits': option('integer', 'Nodes that one /metrics/find may match.', {
    unit: 'nodes',
    default: 100_000,
    range: [1, 100_000_000],
    cost: 'Some 200 bytes of memory each while the answer is made.',
  }),
  'httpLimits.connections': option('integer', 'Connections of HTTP.', {
    unit: 'connections',
    default: 1024,
    range: [1, 100_000],
    cost: 'A descriptor each, of which all may take half; up to headBytes for an unfinished request.',
  }),
  'httpLimits.receiveMs': option('integer', 'Time for a request to come, or an answer to go on.', {
    unit: 'milliseconds',
    default: 60_000,
    range: [10, 3600 * 1000],
    cost: 'Whoever sends half a request or reads no answer keeps a connection for that long.',
  }),
  'httpLimits.headBytes': option('integer', 'Longest URL and headers.', {
    unit: 'bytes',
    default: 128 * 1024,
    range: [1024, 16 * 1024 ** 2],
    cost: 'Memory, while a request comes.',
  }),
  'httpLimits.heldBodyBytes': option('integer', 'Bodies that all requests hold together.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    range: [1024, 1024 ** 4],
    cost: 'Memory of several times that much while they are read.',
  }),
};
