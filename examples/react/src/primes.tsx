/** The parts of the page that show results of tasks. */
import { auditTime, map, scan, timer } from 'rxjs';
import { countPrimes, executor, largestPrime, primes } from './executor';
import { useFuture } from './use-future';
import { useObservable } from './use-observable';

/** A future: its progress, and then its result. */
export function Count({ limit }: { limit: number }) {
  const { progress, value } = useFuture(() => countPrimes(limit), [limit]);
  return (
    <p>
      How many?{' '}
      {value === undefined ? <progress value={Number(progress ?? 0)} /> : <output id="count">{shown(value)}</output>}
    </p>
  );
}

/** A future that may reject. */
export function Largest({ limit }: { limit: number }) {
  const { value, error } = useFuture(() => largestPrime(limit), [limit]);
  return (
    <p>
      The largest?{' '}
      <output id="largest">
        {error === undefined ? shown(value) : <span className="error">{error.message}</span>}
      </output>
    </p>
  );
}

/** A stream: the latest three of its values, at most twenty times a second. */
export function Primes({ limit }: { limit: number }) {
  const { value = [] } = useObservable(
    () =>
      primes.stream(limit).pipe(
        scan((latest: number[], prime) => [...latest, prime].slice(-3), []),
        auditTime(50),
      ),
    [limit],
  );
  return (
    <p>
      Found so far: <output id="primes">{value.map(shown).join(' ')}</output>
    </p>
  );
}

/** The tasks of the page, to see what a cancel does. */
export function Tasks() {
  const { value } = useObservable(() => timer(0, 100).pipe(map(() => executor.stats())), []);
  return (
    <p id="tasks">
      Tasks: {value?.running} running, {value?.cancelled} cancelled
    </p>
  );
}

const shown = (n: number | undefined) => n?.toLocaleString('en');
