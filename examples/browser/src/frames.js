/** Measures how well the page can draw. */

/**
 * Calls back twice a second with the frames of a second, and with the longest time between two
 * frames, in ms.
 *
 * @param {(framesPerSecond: number, longest: number) => void} report
 */
export function watchFrames(report) {
  let since = performance.now();
  let last = since;
  let frames = 0;
  let longest = 0;
  requestAnimationFrame(function frame(now) {
    frames++;
    longest = Math.max(longest, now - last);
    last = now;
    if (now - since >= 500) {
      report((frames * 1_000) / (now - since), longest);
      since = now;
      frames = 0;
      longest = 0;
    }
    requestAnimationFrame(frame);
  });
}
