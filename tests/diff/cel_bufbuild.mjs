// cel_bufbuild.mjs - random CEL expressions: our values against those of @bufbuild/cel
//
// usage: node cel_bufbuild.mjs OUTCALL COUNT SEED	exit 1 on a difference that is not in KNOWN
import { spawnSync } from "node:child_process";
import { celEnv, celList, celMap, celUint, isCelError, isCelList, isCelMap, isCelType, isCelUint, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { create } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Gen, Rng, TYPES } from "./cel_gen.mjs";
import { FIXES, KNOWN } from "./cel_known.mjs";

const BATCH = 4000;
const SHOWN = 40;	// differences printed
const KNOWN_SHARE = 300;	// a known difference may explain one expression of so many, no more
const env = celEnv({ funcs: [...strings, ...FIXES.flatMap((f) => f.funcs)] });

function toCel(v) {
	const [tag, x] = Object.entries(v)[0];
	switch (tag) {
	case "int": return BigInt(x);
	case "uint": return celUint(BigInt(x));
	case "double": return { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] ?? Number(x);
	case "bytes": return Uint8Array.from(Buffer.from(x, "hex"));
	case "list": return celList(x.map(toCel));
	case "map": return celMap(new Map(x.map(([k, w]) => [toCel(k), toCel(w)])));
	case "timestamp": return create(TimestampSchema, { seconds: BigInt(x[0]), nanos: x[1] });
	case "duration": return create(DurationSchema, { seconds: BigInt(x[0]), nanos: x[1] });
	default: return x;
	}
}

function doubleText(d) {
	return Number.isNaN(d) ? "nan" : Object.is(d, -0) ? "-0" : String(d);
}

// One text per value, kinds apart, maps sorted; the same for both sides.
function canonCel(v) {
	if (v === null) return "null";
	if (typeof v === "boolean") return `bool ${v}`;
	if (typeof v === "bigint") return `int ${v}`;
	if (typeof v === "number") return `double ${doubleText(v)}`;
	if (typeof v === "string") return `string ${JSON.stringify(v)}`;
	if (isCelUint(v)) return `uint ${v.value}`;
	if (v instanceof Uint8Array) return `bytes ${Buffer.from(v).toString("hex")}`;
	if (isCelList(v)) return `[${[...v].map(canonCel).join(", ")}]`;
	if (isCelMap(v)) return `{${[...v].map(([k, w]) => `${canonCel(k)}: ${canonCel(w)}`).sort().join(", ")}}`;
	if (isCelType(v)) return `type ${v.name}`;
	const m = v.message ?? v;
	return `${m.$typeName === "google.protobuf.Timestamp" ? "timestamp" : "duration"} ${m.seconds} ${m.nanos}`;
}

function canonTagged(v) {
	const [tag, x] = Object.entries(v)[0];
	switch (tag) {
	case "error": return "error";
	case "null": return "null";
	case "string": return `string ${JSON.stringify(x)}`;
	case "double": return `double ${doubleText({ nan: NaN, inf: Infinity, "-inf": -Infinity }[x] ?? Number(x))}`;
	case "list": return `[${x.map(canonTagged).join(", ")}]`;
	case "map": return `{${x.map(([k, w]) => `${canonTagged(k)}: ${canonTagged(w)}`).sort().join(", ")}}`;
	case "timestamp": case "duration": return `${tag} ${x[0]} ${x[1]}`;
	default: return `${tag} ${x}`;
	}
}

function theirs(c) {
	try {
		const vars = Object.fromEntries(Object.entries(c.bindings).map(([k, v]) => [k, toCel(v)]));
		const v = plan(env, parse(c.expr))(vars);
		return isCelError(v) ? { text: "error", why: v.message } : { text: canonCel(v), why: "" };
	} catch (e) {
		return { text: "error", why: String(e.message ?? e) };
	}
}

function ours(outcall, cases) {
	const r = spawnSync(outcall, ["cel", "eval", "--batch"],
			    { input: cases.map((c) => JSON.stringify(c)).join("\n") + "\n", maxBuffer: 1 << 30 });
	const lines = r.stdout.toString("utf8").split("\n").filter((l) => l);
	if (r.status !== 0 || lines.length !== cases.length) {
		console.error(`outcall: status ${r.status} ${r.signal}, ${lines.length} answers for ${cases.length} expressions`);
		console.error(`the one it ended at: ${JSON.stringify(cases[lines.length])}`);
		process.exit(1);
	}
	return lines.map((l) => JSON.parse(l));
}

const [outcall, count, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const rng = new Rng(seed);
const known = new Map(KNOWN.map((k) => [k, 0]));
let done = 0, values = 0, bad = 0;

function judge(c, mine) {
	const other = theirs(c);
	const text = canonTagged(mine);
	if (text === other.text) {
		values += text !== "error";
		return;
	}
	const hit = KNOWN.find((k) => k.is({ expr: c.expr, bindings: JSON.stringify(c.bindings), ours: text, theirs: other.text, why: other.why, error: mine.error ?? "" }));
	if (hit) {
		known.set(hit, known.get(hit) + 1);
		return;
	}
	if (bad++ < SHOWN)
		console.log(`differs: ${c.expr}\n  ours   ${text} ${(mine.error ?? "").split("\n")[0]}\n  theirs ${other.text} ${other.why}\n  case   ${JSON.stringify(c)}`);
}

while (done < count && bad < SHOWN) {
	const cases = Array.from({ length: Math.min(BATCH, count - done) }, () => {
		const g = new Gen(rng);
		return { expr: g.of(rng.pick(TYPES), 1 + rng.below(4)), bindings: g.bindings(), disable_check: rng.below(2) === 1 };
	});
	const answers = ours(outcall, cases);
	cases.forEach((c, i) => judge(c, answers[i]));
	done += cases.length;
}
for (const [k, n] of known) {
	console.log(`known, ${n} times: ${k.reason}`);
	if (n > 5 + done / KNOWN_SHARE) {
		bad++;
		console.log("  more often than that explains");
	}
}
console.log(`${done} expressions (seed ${seed}), ${values} equal values, ${bad} differences`);
process.exit(bad ? 1 : 0);
