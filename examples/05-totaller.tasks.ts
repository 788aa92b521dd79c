/** The task of example 05: it squares a number, and throws if the square is a multiple of 7. */
export function square(x: number): number {
  const result = x * x;
  if (result % 7 === 0) throw new RangeError(`${result} is a multiple of 7`);
  return result;
}
