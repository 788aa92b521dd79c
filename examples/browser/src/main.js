/** The page. Each view is a stream of tiles, and `switchMap` cancels the tiles of the last view. */
import { transfer } from 'rx-futures';
import { BehaviorSubject, concatMap, filter, from, map, scan, switchMap, tap, timer } from 'rxjs';
import { watchFrames } from './frames.js';
import { colours } from './tasks.js';
import { moved, START, tilesOf, zoomed } from './view.js';
import { drawTile, endAWorker, executor } from './workers.js';

/** @import { Tile } from './tasks.js' */
/** @import { View } from './view.js' */

const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const canvas = /** @type {HTMLCanvasElement} */ (find('picture'));
const progress = /** @type {HTMLProgressElement} */ (find('progress'));
const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
const { width, height } = canvas;

/** The view on the page, and the place of its computation. */
const shown = new BehaviorSubject({ view: START, where: 'workers' });
const show = (/** @type {Partial<typeof shown.value>} */ change) => shown.next({ ...shown.value, ...change });

shown
  .pipe(
    switchMap(({ view, where }) => {
      const tiles = tilesOf(view, width, height);
      document.body.dataset['state'] = 'drawing';
      const start = performance.now();
      /** The finest step of each place. A coarse tile that runs again may arrive late. */
      const steps = new Map();
      // Few tiles at a time. Results of small tasks arrive together, and painting many takes longer
      // than a frame.
      const drawn =
        where === 'workers' ? executor.map(drawTile, tiles, { ordered: false, concurrency: 16 }) : onThePage(tiles);
      return drawn.pipe(
        tap((drawing) => {
          const place = `${drawing.tile.x} ${drawing.tile.y}`;
          if (drawing.tile.step > (steps.get(place) ?? 8)) return;
          steps.set(place, drawing.tile.step);
          paint(drawing);
        }),
        scan((count) => count + 1, 0),
        map((count) => ({ count, of: tiles.length, ms: performance.now() - start })),
      );
    }),
  )
  .subscribe(({ count, of, ms }) => {
    progress.value = count / of;
    find('tiles').textContent = `${count} of ${of}`;
    find('time').textContent = `${Math.round(ms)} ms`;
    if (count === of) document.body.dataset['state'] = 'done';
  });

/**
 * The same work on this thread: one loop for the coarse tiles, and one for the fine ones. The page
 * can't draw or answer meanwhile.
 *
 * @param {Tile[]} tiles
 */
function onThePage(tiles) {
  return from([8, 1]).pipe(
    concatMap((step) => timer(0).pipe(map(() => step))),
    concatMap((step) => from(tiles).pipe(filter((tile) => tile.step === step))),
    map((tile) => ({ tile, pixels: colours(tile) })),
  );
}

/** @param {{ tile: Tile, pixels: Uint32Array<ArrayBuffer> }} drawn */
function paint({ tile, pixels }) {
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), tile.size), tile.x, tile.y);
}

canvas.addEventListener('pointermove', ({ buttons, movementX, movementY }) => {
  if (buttons === 1) show({ view: moved(shown.value.view, movementX, movementY) });
});
canvas.addEventListener(
  'wheel',
  (event) => {
    event.preventDefault();
    const x = event.offsetX - width / 2;
    const y = event.offsetY - height / 2;
    show({ view: zoomed(shown.value.view, 1.2 ** Math.sign(event.deltaY), x, y) });
  },
  { passive: false },
);
for (const choice of document.querySelectorAll('input')) {
  choice.addEventListener('change', () => show({ where: choice.value }));
}
find('reset').addEventListener('click', () => show({ view: START }));

find('kill').addEventListener('click', () => {
  endAWorker();
  find('message').textContent = 'A worker was ended. Its tiles run again on another one.';
});

find('blur').addEventListener('click', async () => {
  const { data } = context.getImageData(0, 0, width, height);
  const start = performance.now();
  const blurred = await executor.tasks.blur(transfer(data, [data.buffer]), width, 8);
  context.putImageData(new ImageData(blurred, width), 0, 0);
  find('message').textContent = `A worker blurred the picture in ${Math.round(performance.now() - start)} ms.`;
});

watchFrames((framesPerSecond, longest) => {
  find('frames').textContent = framesPerSecond.toFixed(0);
  find('pause').textContent = `${Math.round(longest)} ms`;
  const { busy, idle, starting } = executor.stats().workers;
  find('workers').textContent = `${busy} busy of ${busy + idle + starting}`;
});
find('memory').textContent = crossOriginIsolated ? 'yes' : 'no';
