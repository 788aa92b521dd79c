const { readFile } = require('node:fs/promises');
const { currentTask } = require('rx-futures/worker');
const mailer = require('./mailer');

exports.add = (a, b) => a + b;
exports.double = async (value) => value * 2;
exports.echo = (value) => value;
exports.exit = (code) => process.exit(code);
exports.ownName = () => currentTask().name;
exports.readItself = () => readFile('package.json').then((bytes) => bytes.length);
exports.send = (to) => mailer.deliver(to);
exports.sum = (bytes) => bytes.reduce((total, byte) => total + byte, 0);
exports.wait = () => new Promise((resolve) => currentTask().signal.addEventListener('abort', resolve));

exports.fail = function fail(message) {
  throw new TypeError(message);
};

exports.greet = (name) => `hello ${name}`;
