/** Squares; a square that 7 divides is an error. */
export function square(x: number): number {
  const result = x * x;
  if (result % 7 === 0) throw new RangeError(`${result} is a multiple of 7`);
  return result;
}
