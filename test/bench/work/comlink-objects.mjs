// @ts-check
/** A worker of Comlink that constructs objects of the class Echo. */
import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { Echo } from './tasks.mjs';

Comlink.expose(Echo, nodeEndpoint(/** @type {any} */ (parentPort)));
