// Plain JavaScript, since it runs where TypeScript does not. Node.js preloads it (`--import`) before the program itself.
if (!process.features.typescript) {
  process.stderr.write(
    `Sluice needs Node.js 24, and this is ${process.version}.
Node.js 24 is one of Sluice's npm packages, but the install script that fetches it has not run, as with npm ci --ignore-scripts.
Run: npm rebuild node --ignore-scripts=false && npm run prepare
Or use an installed Node.js 24.
`,
  );
  process.exit(1);
}
