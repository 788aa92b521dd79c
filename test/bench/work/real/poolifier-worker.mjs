// @ts-check
/** Real work in the form that poolifier needs. */
import { ThreadWorker } from 'poolifier';
import { gzip, json, markdown, png, scrypt } from './tasks.mjs';

export default new ThreadWorker(/** @type {never} */ ({ gzip, json, markdown, png, scrypt }));
