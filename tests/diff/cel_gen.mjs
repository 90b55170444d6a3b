// cel_gen.mjs - well-typed random CEL expressions over a fixed set of variables with random values
//
// One seed gives one sequence.  The grammar covers S003 section 3: operators, conditionals,
// indexes, macros, conversions, timestamps, durations, string functions; edge values on purpose.

export class Rng {
	constructor(seed) {
		this.s = seed >>> 0;
	}
	next() {	// mulberry32
		let t = (this.s = (this.s + 0x6d2b79f5) >>> 0);
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return (t ^ (t >>> 14)) >>> 0;
	}
	below(n) {
		return this.next() % n;
	}
	pick(list) {
		return list[this.below(list.length)];
	}
}

const INTS = ["0", "1", "2", "3", "7", "-1", "-5", "10", "63", "64", "100", "443", "2147483648",
	      "9007199254740993", "9223372036854775807", "-9223372036854775808"];
const UINTS = ["0", "1", "2", "3", "10", "255", "9223372036854775808", "18446744073709551615"];
const DOUBLES = ["0.0", "-0.0", "0.5", "1.0", "-1.5", "2.0", "3.0", "1e3", "1e-7", "123.456", "1e21",
		 "9.5e18", "9223372036854775807.0", "18446744073709551615.0", "1.7976931348623157e308",
		 "5e-324", "(0.0/0.0)", "(1.0/0.0)", "(-1.0/0.0)"];
const STRINGS = ["", "a", "b", "A", "ab", "abc", "aXbXc", " a ", "0", "1", "-7", "1.5", "true", "t",
		 "FALSE", "api.github.com", "github.com", "\u00e9", "\u00c9t\u00e9", "\u{1F431}",
		 "a\u{1F431}b", "\u03b1\u03a9", "a\nb", "x,y,,z", "1h30m", "2024-02-29T12:30:00Z",
		 "9223372036854775808", "NaN", "\u3000", "-0"];
const BYTES = ["", "00", "61", "6162", "ff", "c3a9", "f09f90b1", "c3"];
const TIMES = ["1970-01-01T00:00:00Z", "2024-02-29T12:30:15.5Z", "1969-12-31T23:59:59.999999999Z",
	       "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2023-06-30T23:30:00-05:30"];
const DURS = ["0s", "1s", "-1s", "1h30m", "-1.5h", "100ms", "1us", "3ns", "2562047h", "-36h", "90s"];
const ZONES = ["UTC", "+01:00", "-08:30", "02:15", "America/New_York", "Europe/Berlin",
	       "Asia/Kathmandu", "Australia/Lord_Howe"];
const PATTERNS = ["", "a", "^a", "b$", "^(.+\\\\.)?github\\\\.com$", "[a-c]+", "[^a]", "\\\\d+", "(?i)A",
		  "a|b", "^$", "a{2,3}", "\\\\bab", "a.b", "(?s)a.b", "\\\\pL", "^\\\\S*$", "x??y"];

const SCALARS = ["int", "uint", "double", "string", "bytes", "bool", "time", "dur"];
export const TYPES = [...SCALARS, "list(int)", "list(string)", "map(string)", "map(int)"];

const VARS = { i: "int", j: "int", u: "uint", d: "double", s: "string", t: "string", b: "bytes",
	       p: "bool", ts: "time", du: "dur", li: "list(int)", ls: "list(string)",
	       ms: "map(string)", mi: "map(int)" };

const tagged = {
	int: (r) => ({ int: r.pick(INTS) }),
	uint: (r) => ({ uint: r.pick(UINTS) }),
	double: (r) => ({ double: r.pick(["0", "-0", "1", "0.5", "-1.5", "1e21", "nan", "inf", "-inf", "42"]) }),
	string: (r) => ({ string: r.pick(STRINGS) }),
	bytes: (r) => ({ bytes: r.pick(BYTES) }),
	bool: (r) => ({ bool: r.below(2) === 1 }),
	time: (r) => ({ timestamp: r.pick([[0, 0], [1709209815, 500000000], [-1, 999999999],
					   [253402300799, 0], [-62135596800, 0], [951782400, 1]]) }),
	dur: (r) => ({ duration: r.pick([[0, 0], [1, 0], [-1, 0], [5400, 0], [-1, -500000000],
					 [0, 3], [9000000000, 0], [-9000000000, 0]]) }),
	"list(int)": (r) => ({ list: many(r, 4, tagged.int) }),
	"list(string)": (r) => ({ list: many(r, 4, tagged.string) }),
	"map(string)": (r) => ({ map: unique(many(r, 4, (q) => [{ string: q.pick(["a", "b", "k", ""]) }, tagged.int(q)])) }),
	"map(int)": (r) => ({ map: unique(many(r, 4, (q) => [{ int: q.pick(["0", "1", "2", "-1"]) }, tagged.string(q)])) }),
};

function many(r, n, f) {
	return Array.from({ length: r.below(n) }, () => f(r));
}

function unique(pairs) {
	const seen = new Map(pairs.map((kv) => [JSON.stringify(kv[0]), kv]));
	return [...seen.values()];
}

const quoted = JSON.stringify;

const literal = {
	int: (r) => r.pick(INTS),
	uint: (r) => r.pick(UINTS) + "u",
	double: (r) => r.pick(DOUBLES),
	string: (r) => quoted(r.pick(STRINGS)),
	bytes: (r) => 'b"' + r.pick(BYTES).replace(/../g, "\\x$&") + '"',
	bool: (r) => r.pick(["true", "false"]),
	time: (r) => `timestamp("${r.pick(TIMES)}")`,
	dur: (r) => `duration("${r.pick(DURS)}")`,
	"list(int)": (r) => "[" + many(r, 4, literal.int).join(", ") + "]",
	"list(string)": (r) => "[" + many(r, 4, literal.string).join(", ") + "]",
	"map(string)": (r) => "{" + many(r, 3, (q) => `${quoted(q.pick(["a", "b", "k", ""]))}: ${literal.int(q)}`).join(", ") + "}",
	"map(int)": (r) => "{" + many(r, 3, (q) => `${q.pick(["0", "1", "2"])}: ${literal.string(q)}`).join(", ") + "}",
};

export class Gen {
	constructor(rng) {
		this.r = rng;
		this.locals = [];
	}

	bindings() {
		const out = {};
		for (const [name, type] of Object.entries(VARS))
			out[name] = tagged[type](this.r);
		return out;
	}

	leaf(type) {
		const names = Object.keys(VARS).filter((n) => VARS[n] === type);
		for (const l of this.locals)
			if (l.type === type)
				names.push(l.name, l.name);
		return this.r.below(5) < 3 && names.length ? this.r.pick(names) : literal[type](this.r);
	}

	// A random expression of a type; n bounds its depth.
	of(type, n) {
		if (n <= 0 || this.r.below(6) === 0)
			return this.leaf(type);
		if (this.r.below(9) === 0)
			return `(${this.of("bool", n - 1)} ? ${this.of(type, n - 1)} : ${this.of(type, n - 1)})`;
		if (this.r.below(40) === 0)
			return `dyn(${this.of(type, n - 1)})`;
		return this.r.pick(forms[type])(this, n - 1);
	}

	// body sees a variable name of a type; the name may shadow an outer one.
	scope(type, body) {
		const name = this.r.pick(["x", "y", "z", "i", "s"]);
		this.locals.push({ name, type });
		const outer = VARS[name];
		delete VARS[name];
		const hidden = this.locals.slice(0, -1).filter((l) => l.name === name);
		for (const h of hidden)
			h.type = "(hidden) " + h.type;
		const text = body(name);
		for (const h of hidden)
			h.type = h.type.slice(9);
		this.locals.pop();
		if (outer)
			VARS[name] = outer;
		return text;
	}
}

const two = (type, ops) => (g, n) => `(${g.of(type, n)} ${g.r.pick(ops)} ${g.of(type, n)})`;
const call = (type, name, ...args) => (g, n) => `${g.of(type, n)}.${name}(${args.map((a) => g.of(a, n)).join(", ")})`;
const fn = (name, type) => (g, n) => `${name}(${g.of(type, n)})`;
const small = (g) => g.r.pick(["0", "1", "2", "3", "-1", "5"]);
const zoned = (name) => (g, n) => `${g.of("time", n)}.${name}(${g.r.below(2) ? JSON.stringify(g.r.pick(ZONES)) : ""})`;
const elem = (l) => l.slice(5, -1);

const macro = (name, result) => (g, n) => {
	const over = g.r.pick(["list(int)", "list(string)", "map(string)", "map(int)"]);
	const source = g.of(over, n);
	const of = over.startsWith("list") ? elem(over) : over.slice(4, -1);
	return g.scope(of, (v) => `${source}.${name}(${v}, ${g.of(result ?? of, n)})`);
};

const listForms = (of) => [
	two(`list(${of})`, ["+"]),
	(g, n) => `[${many(g.r, 4, () => g.of(of, n)).join(", ")}]`,
	(g, n) => {
		const source = g.of(`list(${of})`, n);
		return g.scope(of, (v) => `${source}.filter(${v}, ${g.of("bool", n)})`);
	},
	(g, n) => {
		const from = g.r.pick(["list(int)", "list(string)", "map(string)", "map(int)"]);
		const source = g.of(from, n);
		const inner = from.startsWith("list") ? elem(from) : from.slice(4, -1);
		const where = g.r.below(3) === 0;
		return g.scope(inner, (v) => `${source}.map(${v}, ${where ? g.of("bool", n) + ", " : ""}${g.of(of, n)})`);
	},
];

const forms = {
	bool: [
		two("bool", ["&&", "||"]), two("bool", ["&&", "||"]), two("bool", ["==", "!=", "<", ">="]),
		(g, n) => `!${g.of("bool", n)}`,
		(g, n) => two(g.r.pick(SCALARS), ["==", "!=", "<", "<=", ">", ">="])(g, n),
		(g, n) => two(g.r.pick(TYPES), ["==", "!="])(g, n),
		(g, n) => `(dyn(${g.of(g.r.pick(["int", "uint", "double"]), n)}) ${g.r.pick(["==", "!=", "<", "<=", ">", ">="])} ${g.of(g.r.pick(["int", "uint", "double"]), n)})`,
		(g, n) => `(dyn(${g.of(g.r.pick(TYPES), n)}) ${g.r.pick(["==", "!="])} ${g.of(g.r.pick(TYPES), n)})`,
		(g, n) => `(${g.of("int", n)} in ${g.of("list(int)", n)})`,
		(g, n) => `(${g.of("string", n)} in ${g.of(g.r.pick(["list(string)", "map(string)"]), n)})`,
		(g, n) => `(dyn(${g.of(g.r.pick(["uint", "double", "string"]), n)}) in ${g.of(g.r.pick(["map(int)", "list(int)"]), n)})`,
		call("string", "contains", "string"), call("string", "startsWith", "string"), call("string", "endsWith", "string"),
		(g, n) => `${g.of("string", n)}.matches("${g.r.pick(PATTERNS)}")`,
		(g, n) => `has(${g.r.pick(["ms", literal["map(string)"](g.r)])}.${g.r.pick(["a", "b", "k"])})`,
		macro("all", "bool"), macro("exists", "bool"), macro("exists_one", "bool"),
		fn("bool", "string"), fn("bool", "bool"),
		(g, n) => `(type(${g.of(g.r.pick(SCALARS), n)}) == type(${g.of(g.r.pick(SCALARS), n)}))`,
		(g, n) => `(type(${g.of(g.r.pick(SCALARS), n)}) == ${g.r.pick(["int", "uint", "double", "string", "bytes", "bool", "list", "map", "type", "null_type"])})`,
	],
	int: [
		two("int", ["+", "-", "*", "/", "%"]), two("int", ["+", "-", "*"]),
		(g, n) => `(-${g.of("int", n)})`,
		(g, n) => `size(${g.of(g.r.pick(["string", "bytes", "list(int)", "list(string)", "map(string)", "map(int)"]), n)})`,
		(g, n) => `${g.of(g.r.pick(["string", "bytes", "list(int)", "map(int)"]), n)}.size()`,
		fn("int", "double"), fn("int", "uint"), fn("int", "string"), fn("int", "time"), fn("int", "int"),
		(g, n) => `${g.of("list(int)", n)}[${g.r.below(2) ? small(g) : g.of("int", n)}]`,
		(g, n) => `${g.of("list(int)", n)}[dyn(${g.r.pick(["1u", "0.0", "1.0", "1.5", "0u"])})]`,
		(g, n) => `${g.of("map(string)", n)}[${g.of("string", n)}]`,
		(g) => `ms.${g.r.pick(["a", "b", "k"])}`,
		call("string", "indexOf", "string"), call("string", "lastIndexOf", "string"),
		(g, n) => `${g.of("string", n)}.${g.r.pick(["indexOf", "lastIndexOf"])}(${g.of("string", n)}, ${small(g)})`,
		...["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours",
		    "getMinutes", "getSeconds", "getMilliseconds"].map(zoned),
		...["getHours", "getMinutes", "getSeconds", "getMilliseconds"].map((m) => call("dur", m)),
	],
	uint: [
		two("uint", ["+", "-", "*", "/", "%"]), fn("uint", "int"), fn("uint", "double"), fn("uint", "string"), fn("uint", "uint"),
	],
	double: [
		two("double", ["+", "-", "*", "/"]), (g, n) => `(-${g.of("double", n)})`,
		fn("double", "int"), fn("double", "uint"), fn("double", "string"), fn("double", "double"),
	],
	string: [
		two("string", ["+"]), two("string", ["+"]),
		fn("string", "int"), fn("string", "uint"), fn("string", "bool"), fn("string", "bytes"), fn("string", "time"),
		fn("string", "dur"), fn("string", "string"), fn("string", "double"),
		(g, n) => `${g.of("list(string)", n)}[${g.r.below(2) ? small(g) : g.of("int", n)}]`,
		(g, n) => `${g.of("map(int)", n)}[${g.r.pick([small(g), "dyn(1u)", "dyn(1.0)", "dyn(0.5)"])}]`,
		(g, n) => `${g.of("string", n)}.charAt(${small(g)})`,
		(g, n) => `${g.of("string", n)}.substring(${small(g)})`,
		(g, n) => `${g.of("string", n)}.substring(${small(g)}, ${small(g)})`,
		call("string", "lowerAscii"), call("string", "upperAscii"), call("string", "trim"),
		call("string", "replace", "string", "string"),
		(g, n) => `${g.of("string", n)}.replace(${g.of("string", n)}, ${g.of("string", n)}, ${small(g)})`,
		call("list(string)", "join"), call("list(string)", "join", "string"), fn("strings.quote", "string"),
		(g, n) => {
			const [verb, type] = g.r.pick([["%d", "int"], ["%d", "uint"], ["%x", "int"], ["%X", "string"], ["%o", "uint"],
				["%b", "int"], ["%s", "string"], ["%s", "bool"], ["%s", "int"], ["%x", "bytes"], ["%s", "list(int)"],
				["%s", "time"], ["%s", "dur"], ["%b", "bool"]]);
			return `"<${verb}>".format([${g.of(type, n)}])`;
		},
		(g, n) => `"%.${g.r.below(5)}${g.r.pick(["f", "e"])}".format([${g.of("double", n)}])`,
	],
	bytes: [two("bytes", ["+"]), fn("bytes", "string"), fn("bytes", "bytes")],
	time: [
		(g, n) => `(${g.of("time", n)} ${g.r.pick(["+", "-"])} ${g.of("dur", n)})`, two2("dur", "+", "time"),
		fn("timestamp", "int"), fn("timestamp", "string"), fn("timestamp", "time"),
	],
	dur: [
		two("dur", ["+", "-"]), two("time", ["-"]), fn("duration", "string"), fn("duration", "dur"),
	],
	"list(int)": listForms("int"),
	"list(string)": [...listForms("string"), call("string", "split", "string"),
		(g, n) => `${g.of("string", n)}.split(${g.of("string", n)}, ${small(g)})`],
	"map(string)": [(g, n) => `{${many(g.r, 3, () => `${g.of("string", n)}: ${g.of("int", n)}`).join(", ")}}`],
	"map(int)": [(g, n) => `{${many(g.r, 3, () => `${g.of("int", n)}: ${g.of("string", n)}`).join(", ")}}`],
};

function two2(a, op, b) {
	return (g, n) => `(${g.of(a, n)} ${op} ${g.of(b, n)})`;
}
