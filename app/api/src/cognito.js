import {
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { clientSettings, sender } from './aws.js';
import { invalid, Problem, tooManyRequests, unauthorized, unavailable } from './errors.js';

/** The frontend shows the form for the emailed code when it sees this type. */
export const EMAIL_NOT_CONFIRMED = 'urn:prodready-infra:problem:email-not-confirmed';
export const PASSWORD_RESET_REQUIRED = 'urn:prodready-infra:problem:password-reset-required';

/**
 * The user pool. Every call is one that Cognito answers without AWS credentials, so the task's
 * role needs no Cognito permission. Throws Problems.
 */
export function createCognito({ region, clientId }) {
  const client = new CognitoIdentityProviderClient(clientSettings(region));
  const send = sender(client);
  const ClientId = clientId;

  // The SDK's error is replaced by what the caller may know; `specific` is tried first.
  const told = (error, specific = {}) => ({ ...common, ...specific })[error.name]?.(error) ?? error;

  const call = async (command, specific) => {
    try {
      return await send(command);
    } catch (error) {
      throw told(error, specific);
    }
  };

  /** Lets Cognito send a code if there is such an account; the caller cannot tell. */
  const askForCode = async (command) => {
    try {
      await send(command);
    } catch (error) {
      if (!SILENT.has(error.name)) throw told(error);
    }
  };

  const resend = (email) => askForCode(new ResendConfirmationCodeCommand({ ClientId, Username: email }));

  const signIn = async (AuthFlow, AuthParameters) => {
    const { AuthenticationResult: result } = await call(new InitiateAuthCommand({ ClientId, AuthFlow, AuthParameters }), {
      NotAuthorizedException: unauthorized,
      UserNotFoundException: unauthorized,
      UserNotConfirmedException: () =>
        new Problem(403, 'Confirm the email address with the code that was sent to it.', { type: EMAIL_NOT_CONFIRMED }),
      PasswordResetRequiredException: () =>
        new Problem(403, 'Choose a new password before signing in.', { type: PASSWORD_RESET_REQUIRED }),
    });
    // A challenge instead of tokens: multi-factor sign-in, or a password an administrator set.
    if (!result) throw new Problem(403, 'This account needs a way of signing in that is not offered here.');
    return {
      accessToken: result.AccessToken,
      idToken: result.IdToken,
      refreshToken: result.RefreshToken,
      expiresIn: result.ExpiresIn,
      tokenType: 'Bearer',
    };
  };

  const endSessions = async ({ email, password }) => {
    try {
      const { accessToken } = await signIn('USER_PASSWORD_AUTH', { USERNAME: email, PASSWORD: password });
      await call(new GlobalSignOutCommand({ AccessToken: accessToken }));
    } catch (error) {
      // The password is changed all the same, and its code is spent: to fail now would ask for another try.
      if (!(error instanceof Problem)) throw error;
    }
  };

  return {
    /**
     * Makes an account. Where there is one already it stays as it is, and if it waits for its confirmation a new code is
     * sent: the first may be lost. The caller cannot tell.
     */
    async register({ email, password, name }) {
      const UserAttributes = [{ Name: 'email', Value: email }, ...(name ? [{ Name: 'name', Value: name }] : [])];
      try {
        await send(new SignUpCommand({ ClientId, Username: email, Password: password, UserAttributes }));
      } catch (error) {
        // Said whatever PreventUserExistenceErrors is: "Managing user existence error responses", Cognito developer guide.
        if (error.name !== 'UsernameExistsException') throw told(error);
        await resend(email);
      }
    },

    /** Sends a new code to an account that waits for its confirmation. */
    resend,

    async confirm({ email, code }) {
      // Confirmed before, or no such account: telling these apart would say who has an account.
      const specific = { NotAuthorizedException: wrongCode, AliasExistsException: wrongCode };
      await call(new ConfirmSignUpCommand({ ClientId, Username: email, ConfirmationCode: code }), specific);
    },

    login: ({ email, password }) => signIn('USER_PASSWORD_AUTH', { USERNAME: email, PASSWORD: password }),

    refresh: (refreshToken) => signIn('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: refreshToken }),

    /** Ends one session, or all of the user's when it is not said which. */
    async logout({ accessToken, refreshToken }) {
      if (refreshToken) {
        await call(new RevokeTokenCommand({ ClientId, Token: refreshToken }), {
          // Not a refresh token of this client: there is no such session to end.
          UnauthorizedException: () => invalid([{ path: 'refreshToken', message: 'Not a refresh token of this application' }]),
        });
      } else {
        await call(new GlobalSignOutCommand({ AccessToken: accessToken }), { NotAuthorizedException: unauthorized });
      }
    },

    /**
     * Cognito sends a code for a new password to a confirmed address only, and does not say that it sent none. One that
     * waits for its confirmation gets the code for that instead; it comes first.
     */
    async forgot(email) {
      await Promise.all([askForCode(new ForgotPasswordCommand({ ClientId, Username: email })), resend(email)]);
    },

    /** Also ends the sessions there are: whoever has one may have it by the old password. */
    async reset({ email, code, password }) {
      await call(
        new ConfirmForgotPasswordCommand({ ClientId, Username: email, ConfirmationCode: code, Password: password }),
        { NotAuthorizedException: wrongCode, UserNotConfirmedException: wrongCode },
      );
      await endSessions({ email, password });
    },

    /** What the pool knows about the bearer of an access token. */
    async profile(accessToken) {
      const { UserAttributes } = await call(new GetUserCommand({ AccessToken: accessToken }), {
        NotAuthorizedException: unauthorized, // revoked since it was issued, or the account is gone
        UserNotFoundException: unauthorized,
      });
      const attributes = Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
      return { email: attributes.email, name: attributes.name ?? null };
    },

    close: () => client.destroy(),
  };
}

const wrongCode = () => invalid([{ path: 'code', message: 'The code is wrong or no longer valid' }]);

const common = {
  CodeMismatchException: wrongCode,
  ExpiredCodeException: wrongCode,
  UserNotFoundException: wrongCode,
  InvalidPasswordException: () => invalid([{ path: 'password', message: 'The password does not meet the rules' }]),
  InvalidParameterException: () => invalid([{ path: '', message: 'Cognito does not accept these values' }]),
  LimitExceededException: () => tooManyRequests(60),
  TooManyFailedAttemptsException: () => tooManyRequests(60),
  TooManyRequestsException: () => tooManyRequests(5),
  CodeDeliveryFailureException: unavailable,
};

// Errors of ForgotPassword and ResendConfirmationCode that depend on whether and how the account exists.
const SILENT = new Set([
  'UserNotFoundException',
  'NotAuthorizedException',
  'InvalidParameterException',
  'LimitExceededException',
  'CodeDeliveryFailureException',
]);
