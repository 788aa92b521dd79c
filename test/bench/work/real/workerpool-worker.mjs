// @ts-check
/** Real work in the form that workerpool needs. */
import workerpool from 'workerpool';
import { gzip, json, markdown, png, scrypt } from './tasks.mjs';

workerpool.worker({ gzip, json, markdown, png, scrypt });
