import type { AuditLog, TicketVerifier, TokenVerifier } from "../ports.ts";
import type {
  AccountDirectory,
  AuditReader,
  KeyStore,
  PasswordHasher,
  ProjectStore,
  TicketStore,
  TokenSigner,
  UserStore,
} from "./ports.ts";
import type { TokenService } from "./token-service.ts";

/** Everything about who calls and what they may, as the HTTP layer uses it. */
export interface Identity {
  readonly tokens: TokenVerifier;
  readonly tickets: TicketVerifier & TicketStore;
  readonly service: TokenService;
  readonly signer: TokenSigner;
  readonly passwords: PasswordHasher;
  readonly keys: KeyStore;
  readonly users: UserStore;
  readonly projects: ProjectStore;
  readonly accounts: AccountDirectory;
  readonly audit: AuditLog & AuditReader;
}
