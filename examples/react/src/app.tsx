/** The page. */
import { useState } from 'react';
import { Count, Largest, Primes, Tasks } from './primes';

export function App() {
  const [limit, setLimit] = useState(1_000_000);
  const [isOpen, setIsOpen] = useState(true);
  return (
    <main>
      <h1>Primes on web workers</h1>
      <label>
        below <input type="number" defaultValue={limit} onChange={({ target }) => setLimit(target.valueAsNumber)} />
      </label>{' '}
      <button type="button" onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? 'Leave' : 'Open'}
      </button>
      {isOpen && (
        <>
          <Count limit={limit} />
          <Primes limit={limit} />
          <Largest limit={limit} />
        </>
      )}
      <Tasks />
    </main>
  );
}
