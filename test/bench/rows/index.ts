/** All rows, in the order of RESULTS.md. A new row is a file in this folder and a line below. */
import type { Row } from '../harness/row.js';
import atOnce from './01-at-once.mjs';
import promiseAll from './02-promise-all.mjs';
import objects from './03-objects.mjs';
import sequential from './04-sequential.mjs';
import chains from './05-chains.mjs';
import pipeline from './06-pipeline.mjs';
import longAmongTiny from './07-long-among-tiny.mjs';
import uneven from './08-uneven.mjs';
import waiting from './09-waiting.mjs';
import largeData from './10-large-data.mjs';
import aMillion from './11-a-million.mjs';
import startup from './12-startup.mjs';
import size from './13-size.mjs';
import streamed from './14-streamed.mjs';
import mapMillion from './15-map-million.mjs';
import slowReader from './16-slow-reader.mjs';
import progressCost from './17-progress-cost.mjs';
import queueRoundTrip from './18-queue-round-trip.mjs';
import queueBurst from './19-queue-burst.mjs';
import queueChain from './20-queue-chain.mjs';
import ownTurns from './21-own-turns.mjs';
import shortTasks from './22-short-tasks.mjs';
import afterSilence from './23-after-silence.mjs';
import shared from './24-shared.mjs';
import keys from './25-keys.mjs';
import actors from './26-actors.mjs';
import stages from './27-stages.mjs';
import ndjson from './28-ndjson.mjs';
import records from './29-records.mjs';
import strings from './30-strings.mjs';
import maps from './31-maps.mjs';
import streamedObjects from './32-streamed-objects.mjs';
import streamedStrings from './33-streamed-strings.mjs';
import markdown from './34-markdown.mjs';
import gzip from './35-gzip.mjs';
import scrypt from './36-scrypt.mjs';
import png from './37-png.mjs';
import json from './38-json.mjs';

export const rows: readonly Row[] = [
  atOnce,
  promiseAll,
  objects,
  sequential,
  chains,
  pipeline,
  longAmongTiny,
  uneven,
  waiting,
  largeData,
  aMillion,
  startup,
  size,
  streamed,
  mapMillion,
  slowReader,
  progressCost,
  queueRoundTrip,
  queueBurst,
  queueChain,
  ownTurns,
  shortTasks,
  afterSilence,
  shared,
  keys,
  actors,
  stages,
  ndjson,
  records,
  strings,
  maps,
  streamedObjects,
  streamedStrings,
  markdown,
  gzip,
  scrypt,
  png,
  json,
];

/** Returns the URL of a row, from which child processes load it. */
export function urlOf({ number, name }: Row): URL {
  return new URL(`./${String(number).padStart(2, '0')}-${name}.mjs`, import.meta.url);
}
