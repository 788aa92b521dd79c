/** The task of example 22: adds a message to a room, and returns its number and text. */
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const rooms = new Map<string, string[]>();

export async function say(room: string, text: string): Promise<string> {
  const before = rooms.get(room) ?? [];
  // The message is stored somewhere, which takes a different time each time.
  await sleep((text.length * 7) % 10);
  const messages = [...before, text];
  rooms.set(room, messages);
  return `${room} #${messages.length}: ${text}`;
}
