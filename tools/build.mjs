// `npm run build -- NAME`: one of the products that `npm start` does not need.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, SetupError, say } from "./setup/console.mjs";
import { installPackages } from "./setup/packages.mjs";
import { requireCmake, requireNode } from "./setup/required-tools.mjs";
import { buildWasm } from "./setup/wasm.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const products = { wasm: buildWasm };

try {
  const [name] = process.argv.slice(2);
  if (!Object.hasOwn(products, name ?? "")) {
    throw new SetupError(`Say what to build: npm run build -- ${Object.keys(products).join(" | ")}`);
  }
  requireNode();
  requireCmake();
  await installPackages(root);
  say(`It is in ${await products[name](root)}.`);
} catch (error) {
  fail(error);
}
