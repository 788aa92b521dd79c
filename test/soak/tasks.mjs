/**
 * The tasks of the soak. Each counts its start in `starts`, shared memory with one cell for each
 * task.
 */
const enter = (starts, index) => Atomics.add(starts, index, 1);
const timeSlice = () => new Promise((resolve) => setImmediate(resolve));

export function instant(starts, index) {
  enter(starts, index);
  return index;
}

export async function later(starts, index) {
  enter(starts, index);
  await timeSlice();
  return index;
}

export async function pause(starts, index, ms) {
  enter(starts, index);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return index;
}

export function burn(starts, index, ms) {
  enter(starts, index);
  const end = performance.now() + ms;
  while (performance.now() < end);
  return index;
}

export function withObject(starts, index, object) {
  enter(starts, index);
  return { ...object, index };
}

export function fail(starts, index) {
  enter(starts, index);
  throw new RangeError(`meant to fail: ${index}`);
}

export async function failLater(starts, index) {
  enter(starts, index);
  await timeSlice();
  throw new RangeError(`meant to fail: ${index}`);
}

/** A step of a chain. Its result contains the index of the next step. */
export function step(value) {
  enter(value.starts, value.index);
  return { ...value, index: value.index + 1 };
}

export async function stepLater(value) {
  enter(value.starts, value.index);
  await timeSlice();
  return { ...value, index: value.index + 1 };
}

export function stepAndFail(value) {
  enter(value.starts, value.index);
  throw new RangeError(`meant to fail: ${value.index}`);
}

/** Loops until its thread is terminated. */
export function spin(starts, index) {
  enter(starts, index);
  for (;;);
}

/** Never settles, and ignores its signal. */
export async function deaf(starts, index) {
  enter(starts, index);
  await new Promise(() => {});
}

// ── killers ──────────────────────────────────────────────────

export function exit(starts, index, code) {
  enter(starts, index);
  process.exit(code);
}

export async function throwInTimer(starts, index) {
  enter(starts, index);
  setTimeout(() => {
    throw new RangeError(`meant to fail: ${index}`);
  });
  await new Promise(() => {});
}

export async function leaveRejection(starts, index) {
  enter(starts, index);
  Promise.reject(new RangeError(`meant to fail: ${index}`));
  await new Promise(() => {});
}

/** Succeeds, and leaves a timer behind that throws later. */
export function leaveTimer(starts, index, ms) {
  enter(starts, index);
  setTimeout(() => {
    throw new RangeError('left behind');
  }, ms);
  return index;
}
