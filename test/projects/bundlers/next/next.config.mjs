/** @type {import('next').NextConfig} */
export default {
  // Next.js adds rx-futures, tinypool and rxjs to the bundle. They must not be in
  // `serverExternalPackages`.
};
