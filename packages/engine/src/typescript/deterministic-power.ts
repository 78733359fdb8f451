/**
 * x^y for the Minkowski metric from additions, multiplications and divisions only: step for step what the native engine
 * computes (engine/src/simd/deterministic_pow.inl describes and bounds the method), so that both give the same bytes.
 * `Math.pow` differs between machines and versions.
 */

interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

const SPLITTER = 2 ** 27 + 1;
const THIRD_HIGH = 0.3333333333333333;
const THIRD_LOW = 1.850371707708594e-17;
const TWO_OVER_LN2_HIGH = 2.8853900817779268;
const TWO_OVER_LN2_LOW = 4.0710547481862066e-17;
/** Adding and subtracting 1.5 * 2^52 rounds to an integer. */
const ROUNDER = 1.5 * 2 ** 52;
/** Of the series of atanh, from the last term. */
const ATANH_TAIL = [1 / 27, 1 / 25, 1 / 23, 1 / 21, 1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5];
/** (2^r - 1) / r: ln2^k / k! from the last term. */
const EXP2_SERIES = [
  3.1324367070884287e-15,
  6.778726354822545e-14,
  1.3691488853904128e-12,
  2.5678435993488206e-11,
  4.4455382718708116e-10,
  7.054911620801123e-9,
  1.01780860092397e-7,
  1.321548679014431e-6,
  1.5252733804059841e-5,
  0.0001540353039338161,
  0.0013333558146428443,
  0.009618129107628477,
  0.05550410866482158,
  0.24022650695910072,
  Math.LN2,
];

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** x^y for finite x >= 0 and y > 0 whose result is below 2^1023. 0^y is 0, 1^y is exactly 1. */
export function deterministicPower(x: number, y: number): number {
  if (x === 0) return 0;
  const logarithm = log2(x);
  const product = twoProduct(y, logarithm.high);
  return exp2(fastTwoSum(product.high, product.low + y * logarithm.low));
}

/** The exponent of the leading bit of a finite x > 0. */
export function binaryExponent(x: number): number {
  const isSubnormal = x < 2 ** -1022;
  float[0] = isSubnormal ? x * 2 ** 54 : x;
  return ((words[HIGH_WORD] as number) >>> 20) - (isSubnormal ? 1077 : 1023);
}

/** a + b exactly, where |a| >= |b| or a is 0. */
function fastTwoSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  return { high: sum, low: b - (sum - a) };
}

/** a * b exactly, while neither overflows nor underflows. */
function twoProduct(a: number, b: number): DoubleDouble {
  const scaledA = SPLITTER * a;
  const scaledB = SPLITTER * b;
  const aHigh = scaledA - (scaledA - a);
  const bHigh = scaledB - (scaledB - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const product = a * b;
  return { high: product, low: aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

function horner(coefficients: readonly number[], x: number): number {
  let value = coefficients[0] as number;
  for (let i = 1; i < coefficients.length; ++i) value = value * x + (coefficients[i] as number);
  return value;
}

/** log2 of a finite x > 0, with a relative error near 2^-65. */
function log2(x: number): DoubleDouble {
  const leading = binaryExponent(x);
  words[HIGH_WORD] = ((words[HIGH_WORD] as number) & 0xf_ffff) | 0x3ff0_0000;
  const rawMantissa = float[0] as number;
  const isUpper = rawMantissa >= Math.SQRT2;
  const m = isUpper ? rawMantissa * 0.5 : rawMantissa;
  const exponent = leading + (isUpper ? 1 : 0);

  const numerator = m - 1;
  const denominator = m + 1;
  const denominatorLow = m > 1 ? 1 - (denominator - m) : m - (denominator - 1);
  const sHigh = numerator / denominator;
  const back = twoProduct(sHigh, denominator);
  const sLow = (numerator - back.high - back.low - sHigh * denominatorLow) / denominator;

  const square = twoProduct(sHigh, sHigh);
  const z = fastTwoSum(square.high, square.low + 2 * sHigh * sLow);
  const inner = fastTwoSum(THIRD_HIGH, z.high * horner(ATANH_TAIL, z.high) + THIRD_LOW);
  const zInner = twoProduct(z.high, inner.high);
  const cubic = fastTwoSum(zInner.high, zInner.low + (z.high * inner.low + z.low * inner.high));
  const sCubic = twoProduct(sHigh, cubic.high);
  const sum = fastTwoSum(sHigh, sCubic.high);
  const sumLow = sum.low + (sLow + (sCubic.low + (sHigh * cubic.low + sLow * cubic.high)));
  const atanh = fastTwoSum(sum.high, sumLow);

  const fraction = twoProduct(atanh.high, TWO_OVER_LN2_HIGH);
  const fractionLow = fraction.low + (atanh.high * TWO_OVER_LN2_LOW + atanh.low * TWO_OVER_LN2_HIGH);
  const total = fastTwoSum(exponent, fraction.high);
  return fastTwoSum(total.high, total.low + fractionLow);
}

/** 2^(t.high + t.low) for t.high <= 1023; 0 far below the smallest number. */
function exp2(t: DoubleDouble): number {
  const isTiny = t.high < -1100;
  const high = isTiny ? -1100 : t.high;
  const low = isTiny ? 0 : t.low;
  const whole = high + ROUNDER - ROUNDER;
  const r = high - whole + low;
  const mantissa = 1 + horner(EXP2_SERIES, r) * r;
  // Two factors of about half the exponent, so that a subnormal result is rounded once, at the end.
  const half = whole * 0.5 + ROUNDER - ROUNDER;
  return mantissa * powerOfTwo(half) * powerOfTwo(whole - half);
}

/** 2^e for integers -1022 <= e <= 1023. */
function powerOfTwo(e: number): number {
  words[HIGH_WORD] = (e + 1023) << 20;
  words[1 - HIGH_WORD] = 0;
  return float[0] as number;
}

/** x * 2^e, rounded at most once where the result is subnormal and x is not. */
export function scaleByPowerOfTwo(x: number, e: number): number {
  const half = Math.trunc(e / 2);
  return x * powerOfTwo(half) * powerOfTwo(e - half);
}
