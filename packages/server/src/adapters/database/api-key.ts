import { hash, randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 > 2^256. */
const secretLetters = 43;
const prefixLetters = 8;
const form = new RegExp(`^tda_([0-9A-Za-z]{${prefixLetters}})_[0-9A-Za-z]{${secretLetters}}$`);

/** A new key: `tda_`, eight letters to recognise it by, and 256 random bits. */
export function newApiKey(): string {
  return `tda_${letters(randomBytes(6), prefixLetters)}_${letters(randomBytes(32), secretLetters)}`;
}

/** The public part of a key; null when the text has not the form of a key. */
export function apiKeyPrefix(apiKey: string): string | null {
  return form.exec(apiKey)?.[1] ?? null;
}

export function hasApiKeyForm(text: string): boolean {
  return form.test(text);
}

/** SHA-256 in base64: what keys are known by. With 256 random bits a plain hash cannot be searched. */
export function apiKeyName(apiKey: string): string {
  return hash("sha256", apiKey, "base64");
}

/** What is stored and looked up. */
export function hashApiKey(apiKey: string): Buffer {
  return Buffer.from(apiKeyName(apiKey), "base64");
}

function letters(bytes: Buffer, count: number): string {
  let value = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let i = 0; i < count; i++) {
    text = alphabet[Number(value % 62n)]! + text;
    value /= 62n;
  }
  return text;
}
